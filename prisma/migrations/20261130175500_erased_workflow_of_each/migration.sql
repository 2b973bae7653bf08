-- Two erasures may wait for the same batch: each has a row of it.
-- AlterTable
ALTER TABLE "erased_workflow" DROP CONSTRAINT "erased_workflow_pkey",
ADD CONSTRAINT "erased_workflow_pkey" PRIMARY KEY ("cluster", "workflow_id", "erasure");
