// Touchpoints that are set aside keep their ids, and are found by their time
// Answers: nothing; a migration (docs/adr/0002-migrations.md). Never edited once released: a change is a new file.
CREATE CONSTRAINT set_aside_touchpoint_id IF NOT EXISTS FOR (t:SetAside) REQUIRE t.touchpoint_id IS UNIQUE;
CREATE INDEX set_aside_occurred_at_us IF NOT EXISTS FOR (t:SetAside) ON (t.occurred_at_us);
CREATE INDEX touchpoint_traffic IF NOT EXISTS FOR (t:Touchpoint) ON (t.traffic);
