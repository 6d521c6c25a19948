// What is unique, so that loading twice changes nothing
// Answers: nothing; a migration (docs/adr/0002-migrations.md). Never edited once released: a change is a new file.
CREATE CONSTRAINT migration_version IF NOT EXISTS FOR (m:Migration) REQUIRE m.version IS UNIQUE;
CREATE CONSTRAINT customer_id IF NOT EXISTS FOR (c:Customer) REQUIRE c.customer_id IS UNIQUE;
CREATE CONSTRAINT identifier_kind_value IF NOT EXISTS FOR (i:Identifier) REQUIRE (i.kind, i.value) IS UNIQUE;
CREATE CONSTRAINT touchpoint_id IF NOT EXISTS FOR (t:Touchpoint) REQUIRE t.touchpoint_id IS UNIQUE;
CREATE CONSTRAINT journey_id IF NOT EXISTS FOR (j:Journey) REQUIRE j.journey_id IS UNIQUE;
CREATE CONSTRAINT session_id IF NOT EXISTS FOR (s:Session) REQUIRE s.session_id IS UNIQUE;
CREATE CONSTRAINT step_name IF NOT EXISTS FOR (s:Step) REQUIRE s.name IS UNIQUE;
CREATE CONSTRAINT product_id IF NOT EXISTS FOR (p:Product) REQUIRE p.product_id IS UNIQUE;
CREATE CONSTRAINT category_name IF NOT EXISTS FOR (c:Category) REQUIRE c.name IS UNIQUE;
CREATE CONSTRAINT campaign_name IF NOT EXISTS FOR (c:Campaign) REQUIRE c.name IS UNIQUE;
CREATE CONSTRAINT configuration_name IF NOT EXISTS FOR (c:Configuration) REQUIRE c.name IS UNIQUE;
CREATE CONSTRAINT load_batch_id IF NOT EXISTS FOR (l:Load) REQUIRE l.batch_id IS UNIQUE;
CREATE CONSTRAINT finding_id IF NOT EXISTS FOR (f:Finding) REQUIRE f.id IS UNIQUE;
