// Join touchpoints that follow each other
// Answers: nothing; for one customer who has very many, some at a time.
// Parameters:
//   $rows  list of lists: touchpoint_id, the next one's, the seconds between them, e.g. [['t1', 't2', 12.5]]
:params {rows: [['t1', 't2', 12.5]]};
UNWIND $rows AS row
MATCH (a:Touchpoint {touchpoint_id: row[0]})
MATCH (b:Touchpoint {touchpoint_id: row[1]})
CREATE (a)-[:NEXT {seconds: row[2]}]->(b)
