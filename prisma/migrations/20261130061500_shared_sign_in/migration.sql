-- AlterTable
ALTER TABLE "connection" ADD COLUMN     "ends_at" TIMESTAMPTZ(3),
ADD COLUMN     "renewing" UUID,
ADD COLUMN     "renewing_until" TIMESTAMPTZ(3),
ADD COLUMN     "token" BYTEA,
ADD COLUMN     "token_ends_at" TIMESTAMPTZ(3);

-- Zendesk takes no API tokens after that day; connections that have one name its user in the configuration.
UPDATE "connection" SET "ends_at" = '2027-04-30T00:00:00Z' WHERE "consumer" = 'zendesk' AND "config" ? 'email';
