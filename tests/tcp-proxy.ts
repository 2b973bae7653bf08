export { startTcpProxy } from '../scripts/stack/tcp-proxy';
