import { createPublisher, type Receipt, type WireData } from 'chat-events-publisher';

// One for the whole process; it connects with the first event.
const publisher = createPublisher({
  clusters: [{ name: 'main', address: '127.0.0.1:7233' }],
  installation: process.env['CHAT_EVENTS_INSTALLATION'], // the id that npm start prints: no other installation gets an event
});

/** When it resolves, Temporal has the event on its disk: { id, key, workflowId, acceptedBy, duplicate, unknownFields }. */
export async function rated(rating: WireData['Visitor.Rating']): Promise<Receipt> {
  return publisher.publish('Visitor.Rating', rating);
}

/** At the end of the process: waits for events that are under way. */
export async function stop(): Promise<void> {
  await publisher.close();
}
