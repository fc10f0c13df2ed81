export { bridge } from './command';
