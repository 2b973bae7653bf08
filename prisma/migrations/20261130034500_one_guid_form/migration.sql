-- A GUID is stored in one form from now on: lower case, with dashes. Ids of chats, visitors and tickets that were stored in upper case, in
-- braces, in parentheses or without dashes become that, so that what comes later for them still joins. Of several rows that become
-- one chat, visitor or ticket the first changes, and the others stay under the ids that they have. Keys of events stay: they are the
-- names of workflows.
CREATE FUNCTION one_guid_form(id TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN length(id) IN (32, 36, 38)
      AND id ~* '^(\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}|\([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\)|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})$'
    THEN regexp_replace(lower(translate(id, '{}()-', '')), '^(.{8})(.{4})(.{4})(.{4})(.{12})$', '\1-\2-\3-\4-\5')
    ELSE id
  END
$$;

DO $$
DECLARE
  one RECORD;
BEGIN
  -- Unique in their site.
  FOR one IN SELECT * FROM (VALUES
    ('chat', 'chat_id'), ('visitor', 'visitor_id'), ('chat_rating', 'chat_id'), ('chat_wrapup', 'chat_id'),
    ('ticket', 'chat_id'), ('ticket', 'external_ticket_id')
  ) AS names (tab, col) LOOP
    EXECUTE format('
      UPDATE %1$I t SET %2$I = one_guid_form(t.%2$I)
      FROM (SELECT DISTINCT ON (site_id, one_guid_form(%2$I)) site_id, %2$I AS id
            FROM %1$I WHERE %2$I <> one_guid_form(%2$I) ORDER BY site_id, one_guid_form(%2$I), %2$I) old
      WHERE t.site_id = old.site_id AND t.%2$I = old.id
        AND NOT EXISTS (SELECT FROM %1$I o WHERE o.site_id = old.site_id AND o.%2$I = one_guid_form(old.id))', one.tab, one.col);
  END LOOP;
  -- Rows of a chat's lists follow their chat by their foreign keys.
  FOR one IN SELECT * FROM (VALUES
    ('chat', 'visitor_id'), ('chat', 'session_id'), ('chat', 'ticket_id'), ('chat_bot_action', 'action_chat_id'),
    ('offline_message', 'visitor_id'), ('offline_message', 'session_id'), ('offline_message', 'source_chat_id'),
    ('offline_message', 'ticket_id'), ('canned_message_use', 'chat_id'), ('manual_invitation', 'transcript_id'),
    ('conversion', 'visitor_id'), ('conversion', 'chat_id'), ('conversion', 'current_chat_id'),
    ('conversion', 'attributed_chat_id'), ('agent_ban', 'visitor_id'), ('ticket', 'source_chat_id'),
    ('ticket_message', 'chat_id')
  ) AS names (tab, col) LOOP
    EXECUTE format('UPDATE %1$I SET %2$I = one_guid_form(%2$I) WHERE %2$I <> one_guid_form(%2$I)', one.tab, one.col);
  END LOOP;
END
$$;

DROP FUNCTION one_guid_form(TEXT);
