-- AlterTable
ALTER TABLE "retention" ADD COLUMN     "tables" BOOLEAN NOT NULL DEFAULT false;
