export { monitor } from './command';
