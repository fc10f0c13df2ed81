/** Replaces the package `debug` in the bundle: NODE_DEBUG selects its output. */
module.exports = require('node:util').debuglog;
