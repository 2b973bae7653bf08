-- CreateTable
CREATE TABLE "erasure" (
    "id" UUID NOT NULL,
    "site_id" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "workflows_done_at" TIMESTAMPTZ(3),
    "receipt" JSONB,

    CONSTRAINT "erasure_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "erased_event" (
    "key" TEXT NOT NULL,
    "erasure" UUID NOT NULL,
    "erased_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "erased_event_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "erased_workflow" (
    "cluster" TEXT NOT NULL,
    "workflow_id" TEXT NOT NULL,
    "erasure" UUID NOT NULL,
    "look_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "erased_workflow_pkey" PRIMARY KEY ("cluster","workflow_id")
);

-- CreateIndex
CREATE INDEX "erased_workflow_erasure_idx" ON "erased_workflow"("erasure");

-- CreateIndex
CREATE INDEX "erased_workflow_cluster_look_at_idx" ON "erased_workflow"("cluster", "look_at");
