// How many rows came in, and what became of them
// Answers: the rows of all finished loads, each counted once where it first came: received, stored, there already (duplicate)
// and put in quarantine. A replay brings none: its rows were received, and put in quarantine, by the load they came with.
MATCH (:Load)-[:READ]->(f:File)
WHERE f.protocol <> 'replay' AND f.received IS NOT NULL
RETURN sum(f.received) AS received, sum(f.stored) AS stored, sum(f.duplicate) AS duplicate,
       sum(f.quarantined) AS quarantined
