-- AlterTable
ALTER TABLE "connection" ADD COLUMN     "edition" INTEGER NOT NULL DEFAULT 1;
