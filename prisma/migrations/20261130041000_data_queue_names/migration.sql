-- "#" stands between a data queue and the number of a further connection. Where such a name is there already the check is left out:
-- it would refuse every change of that row.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM "subscription" WHERE "data_queue" !~ '^[^[:space:][:cntrl:]#]+$') THEN
    ALTER TABLE "subscription"
      ADD CONSTRAINT "subscription_data_queue_check" CHECK ("data_queue" ~ '^[^[:space:][:cntrl:]#]+$');
  END IF;
END
$$;
