-- AlterTable
ALTER TABLE "event" ADD COLUMN     "delivered_count" INTEGER,
ADD COLUMN     "discarded_count" INTEGER,
ADD COLUMN     "pruned_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "retention" (
    "what" TEXT NOT NULL,
    "days" INTEGER NOT NULL,

    CONSTRAINT "retention_pkey" PRIMARY KEY ("what")
);

-- CreateIndex
CREATE INDEX "event_whole_idx" ON "event"("type", "recorded_at") WHERE (pruned_at IS NULL);

-- CreateIndex
CREATE INDEX "event_tombstone_idx" ON "event"("recorded_at") WHERE (pruned_at IS NOT NULL);
