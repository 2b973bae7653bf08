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
  -- Tables in the order in which workers write them, so that neither waits for the other for ever. Rows of a chat's lists follow their
  -- chat by their foreign keys.
  FOR one IN SELECT * FROM (VALUES
    ('chat', 'chat_id', true), ('chat', 'visitor_id', false), ('chat', 'session_id', false), ('chat', 'ticket_id', false),
    ('chat_bot_action', 'action_chat_id', false), ('visitor', 'visitor_id', true), ('chat_rating', 'chat_id', true),
    ('chat_wrapup', 'chat_id', true), ('offline_message', 'visitor_id', false), ('offline_message', 'session_id', false),
    ('offline_message', 'source_chat_id', false), ('offline_message', 'ticket_id', false),
    ('canned_message_use', 'chat_id', false), ('manual_invitation', 'transcript_id', false),
    ('conversion', 'visitor_id', false), ('conversion', 'chat_id', false), ('conversion', 'current_chat_id', false),
    ('conversion', 'attributed_chat_id', false), ('agent_ban', 'visitor_id', false), ('ticket', 'chat_id', true),
    ('ticket', 'external_ticket_id', true), ('ticket', 'source_chat_id', false), ('ticket_message', 'chat_id', false)
  ) AS names (tab, col, is_unique) LOOP
    IF one.is_unique THEN
      EXECUTE format('
        UPDATE %1$I t SET %2$I = one_guid_form(t.%2$I)
        FROM (SELECT DISTINCT ON (site_id, one_guid_form(%2$I)) site_id, %2$I AS id
              FROM %1$I WHERE %2$I <> one_guid_form(%2$I) ORDER BY site_id, one_guid_form(%2$I), %2$I) old
        WHERE t.site_id = old.site_id AND t.%2$I = old.id
          AND NOT EXISTS (SELECT FROM %1$I o WHERE o.site_id = old.site_id AND o.%2$I = one_guid_form(old.id))', one.tab, one.col);
    ELSE
      EXECUTE format('UPDATE %1$I SET %2$I = one_guid_form(%2$I) WHERE %2$I <> one_guid_form(%2$I)', one.tab, one.col);
    END IF;
  END LOOP;
END
$$;

DROP FUNCTION one_guid_form(TEXT);
