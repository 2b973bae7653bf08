import { connect, type ConsumeMessage } from 'amqplib';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { freePort } from '../../../stack/free-port';
import { spawnServer } from '../../../stack/spawn-server';
import { inBatches } from './in-batches';
import { ALL_MODES, AT_ONCE, BATCH, type Job, type Peer } from './peer';
import { whenListening } from './when-listening';

const EXCHANGE = 'events';

/** RabbitMQ: durable queues, persistent messages, confirms. A fan-out exchange puts an event in all queues at once. */
export const rabbitmq: Peer = {
  name: 'RabbitMQ',
  lacks: [
    'a row for each delivery that was made or given up',
    'tries with a growing pause (queues of their own with a time to live, and a count)',
    'an id that is refused a second time',
    'a journal where the server is down',
    'limits of each account over all workers',
  ],
  server: {
    program: 'rabbitmq-server',
    install: 'apt-get install --no-install-recommends rabbitmq-server',
    async start(folder) {
      const [port, distribution, epmd] = [await freePort(), await freePort(), await freePort()];
      const env = {
        ...process.env,
        HOME: folder,
        ERL_EPMD_PORT: String(epmd),
        ERL_EPMD_ADDRESS: '127.0.0.1',
        RABBITMQ_NODENAME: `peers${port}@localhost`,
        RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
        RABBITMQ_NODE_PORT: String(port),
        RABBITMQ_DIST_PORT: String(distribution),
        RABBITMQ_MNESIA_BASE: folder,
        RABBITMQ_LOG_BASE: folder,
        RABBITMQ_ENABLED_PLUGINS_FILE: `${folder}/enabled_plugins`,
      };
      const server = await spawnServer({
        file: '/usr/lib/rabbitmq/bin/rabbitmq-server',
        args: [],
        env,
        logFile: `${folder}/rabbitmq.log`,
        stopSignal: 'SIGTERM',
      });
      await whenListening(port, server);
      return {
        address: `amqp://127.0.0.1:${port}`,
        pid: server.pid,
        async stop() {
          await server.end(['SIGTERM', 20_000]);
          await promisify(execFile)('epmd', ['-port', String(epmd), '-kill']).catch(() => undefined);
        },
      };
    },
  },
  modes: ALL_MODES,

  async openPublisher({ address, queues, mode }) {
    const connection = await connect(address);
    const channel = await connection.createConfirmChannel();
    await channel.assertExchange(EXCHANGE, 'fanout', { durable: true });
    for (const name of queues) {
      await channel.assertQueue(name, { durable: true });
      await channel.bindQueue(name, EXCHANGE, '');
    }
    const publish = (job: Job): Promise<void> =>
      new Promise((resolve, reject) => {
        channel.publish(EXCHANGE, '', Buffer.from(JSON.stringify(job)), { persistent: true }, (error: Error | null) =>
          error ? reject(error) : resolve(),
        );
      });
    const many = async (jobs: readonly Job[]): Promise<void> => {
      await Promise.all(jobs.map(publish));
    };
    return { publish: mode.isBatched ? inBatches(BATCH, many) : publish, close: () => connection.close() };
  },

  async work({ address, queues, mode }, handle) {
    const connection = await connect(address);
    for (const name of queues) {
      const channel = await connection.createChannel();
      await channel.assertQueue(name, { durable: true });
      await channel.prefetch(mode.isBatched ? 3 * BATCH : AT_ONCE);
      const take = async (messages: readonly ConsumeMessage[]): Promise<void> => {
        await handle(
          name,
          messages.map(({ content }) => JSON.parse(content.toString()) as Job), // ours
        );
        for (const message of messages) channel.ack(message);
      };
      const inLists = inBatches<ConsumeMessage>(BATCH, take, 2); // one need not wait for the slowest of the other
      await channel.consume(name, (message) => {
        if (message === null) return;
        void (mode.isBatched ? inLists(message) : take([message])).catch(() => undefined); // the worker has told it
      });
    }
    return () => connection.close();
  },
};
