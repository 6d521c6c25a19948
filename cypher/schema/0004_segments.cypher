// A segment's name is its own
// Answers: nothing; a migration (docs/adr/0002-migrations.md). Never edited once released: a change is a new file.
CREATE CONSTRAINT segment_name IF NOT EXISTS FOR (s:Segment) REQUIRE s.name IS UNIQUE;
