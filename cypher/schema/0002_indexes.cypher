// What questions look up by
// Answers: nothing; a migration (docs/adr/0002-migrations.md). Never edited once released: a change is a new file.
CREATE INDEX touchpoint_step IF NOT EXISTS FOR (t:Touchpoint) ON (t.step);
CREATE INDEX touchpoint_occurred_at_us IF NOT EXISTS FOR (t:Touchpoint) ON (t.occurred_at_us);
CREATE INDEX touchpoint_ingested_at IF NOT EXISTS FOR (t:Touchpoint) ON (t.ingested_at);
CREATE INDEX journey_customer_id IF NOT EXISTS FOR (j:Journey) ON (j.customer_id);
CREATE INDEX journey_outcome IF NOT EXISTS FOR (j:Journey) ON (j.outcome);
CREATE INDEX session_customer_id IF NOT EXISTS FOR (s:Session) ON (s.customer_id);
CREATE INDEX session_journey_id IF NOT EXISTS FOR (s:Session) ON (s.journey_id);
