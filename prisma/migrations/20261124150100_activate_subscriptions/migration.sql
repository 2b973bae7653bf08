-- Seeding pauses the relations whose consumer is not there. These consumers are now, and seeding never changes a row: so rows
-- that still are as they were seeded become active, and the sweep continues what waited.
UPDATE "subscription"
SET "state" = 'active'
WHERE "site_id" = '*'
  AND "state" = 'paused'
  AND ("data_queue", "event_type", "consumer") IN (
    ('Chat.Ended.Ticket', 'Chat.Ended', 'ticket'),
    ('Chat.Ended.Salesforce', 'Chat.Ended', 'salesforce'),
    ('Chat.Ended.Zendesk', 'Chat.Ended', 'zendesk'),
    ('OfflineMessage.Submit.Ticket', 'OfflineMessage.Submit', 'ticket'),
    ('OfflineMessage.Submit.Salesforce', 'OfflineMessage.Submit', 'salesforce'),
    ('OfflineMessage.Submit.Zendesk', 'OfflineMessage.Submit', 'zendesk')
  );
