// The files that loads read, so that a touchpoint leads to its file
// Answers: nothing; a migration (docs/adr/0002-migrations.md). Never edited once released: a change is a new file.
CREATE CONSTRAINT file_batch_id_number IF NOT EXISTS FOR (f:File) REQUIRE (f.batch_id, f.number) IS UNIQUE;
