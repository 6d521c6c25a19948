// Merged customers keep their ids, and every merge has one of its own
// Answers: nothing; a migration (docs/adr/0002-migrations.md). Never edited once released: a change is a new file.
CREATE CONSTRAINT merged_customer_id IF NOT EXISTS FOR (c:MergedCustomer) REQUIRE c.customer_id IS UNIQUE;
CREATE INDEX merge_id IF NOT EXISTS FOR ()-[m:MERGED_INTO]-() ON (m.merge_id);
CREATE INDEX merge_kept_apart_id IF NOT EXISTS FOR ()-[m:WAS_MERGED_INTO]-() ON (m.merge_id);
