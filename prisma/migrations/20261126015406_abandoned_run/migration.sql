-- CreateTable
CREATE TABLE "abandoned_run" (
    "cluster" TEXT NOT NULL,
    "workflow_id" TEXT NOT NULL,

    CONSTRAINT "abandoned_run_pkey" PRIMARY KEY ("cluster","workflow_id")
);
