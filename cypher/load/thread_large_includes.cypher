// Join journeys and sessions with their touchpoints
// Answers: nothing; for one customer who has very many, some at a time.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $rows  list of lists: touchpoint_id, journey_id, position in it, session_id, position in it
:params {customer_id: 'customer-1', rows: [['t1', 'j:t1', 0, 's:t1', 0]]};
MATCH (c:Customer {customer_id: $customer_id})
// The mark locks the customer, and it stays: of a load that died the last transaction may be committed at any time.
SET c:Unthreaded
WITH c
UNWIND $rows AS row
MATCH (t:Touchpoint {touchpoint_id: row[0]})
MATCH (j:Journey {journey_id: row[1]})
MATCH (s:Session {session_id: row[3]})
CREATE (j)-[:INCLUDES {position: row[2]}]->(t)
CREATE (s)-[:INCLUDES {position: row[4]}]->(t)
