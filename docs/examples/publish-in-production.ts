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
  installation: '0b0f6f0e-6d0c-4f4e-9a3b-5f3d8f0a1c2d',
  journal: { dir: '/var/lib/chat/journal' },
  largeEvents: { dir: '/var/lib/chat-events/large-events' },
});

/** For Prometheus, to be served with the chat server's own metrics. */
export const metrics = (): string => formatMetrics(publisher.status());
