-- Microsoft 365 has passwords off by default from that day on: connections that were added before this was known, as it is known of new ones.
UPDATE "connection" SET "ends_at" = '2026-12-31T00:00:00Z'
WHERE "consumer" = 'email' AND "ends_at" IS NULL AND "config" ? 'username'
  AND coalesce("config"->>'authorization', 'password') = 'password'
  AND "config"->>'host' ~* '^([a-z0-9-]+\.)*(office365\.(com|us)|partner\.outlook\.cn)$';
