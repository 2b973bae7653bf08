-- AlterTable
ALTER TABLE "event" ADD COLUMN     "filtered_count" INTEGER NOT NULL DEFAULT 0;
