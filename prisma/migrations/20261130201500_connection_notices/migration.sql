-- CreateTable
CREATE TABLE "connection_notify" (
    "connection_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "secrets" BYTEA NOT NULL,
    "secrets_key_id" TEXT NOT NULL,

    CONSTRAINT "connection_notify_pkey" PRIMARY KEY ("connection_id")
);

-- CreateTable
CREATE TABLE "connection_notice" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "connection_id" UUID NOT NULL,
    "event" TEXT NOT NULL,
    "reason" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "failure" TEXT,

    CONSTRAINT "connection_notice_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "connection_notice_due_at_idx" ON "connection_notice"("due_at");

-- CreateIndex
CREATE INDEX "connection_notice_connection_id_idx" ON "connection_notice"("connection_id");

-- AddForeignKey
ALTER TABLE "connection_notify" ADD CONSTRAINT "connection_notify_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "connection_notice" ADD CONSTRAINT "connection_notice_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection_notify"("connection_id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "connection_notice" ADD CONSTRAINT "connection_notice_event_check" CHECK ("event" IN ('broken', 'mended'));

-- A trigger, so that workers of an earlier release, which know no notices, make them as well.
CREATE FUNCTION "note_connection_state"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO connection_notice (connection_id, event, reason)
  SELECT n.connection_id, CASE NEW.state WHEN 'broken' THEN 'broken' ELSE 'mended' END, NEW.broken_reason
  FROM connection_notify n WHERE n.connection_id = NEW.id;
  RETURN NULL;
END $$;

CREATE TRIGGER "connection_state_noted" AFTER UPDATE OF "state" ON "connection"
FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION "note_connection_state"();
