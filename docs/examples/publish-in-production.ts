import { readFileSync } from 'node:fs';
import { createPublisher, formatMetrics } from 'chat-events-publisher';

const tls = {
  serverRootCACertificate: readFileSync('/etc/chat/ca.pem'),
  clientCertPair: { crt: readFileSync('/etc/chat/publisher.pem'), key: readFileSync('/etc/chat/publisher.key') },
};

export const publisher = createPublisher({
  clusters: [
    { name: 'main', address: 'temporal-main.internal:7233', tls },
    { name: 'standby', address: 'temporal-standby.internal:7233', tls },
  ],
  journal: { dir: '/var/lib/chat/journal' },
  largeEvents: { dir: '/var/lib/chat-events/large-events' },
});

/** For Prometheus, to be served with the chat server's own metrics. */
export const metrics = (): string => formatMetrics(publisher.status());
