/** Stands for the package `debug` in what is built: NODE_DEBUG in place of DEBUG. */
module.exports = require('node:util').debuglog;
