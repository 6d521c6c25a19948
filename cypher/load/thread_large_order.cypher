// Join touchpoints that follow each other
// Answers: nothing; for one customer who has very many, some at a time.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $rows  list of lists: touchpoint_id, the next one's, the seconds between them, e.g. [['t1', 't2', 12.5]]
:params {customer_id: 'customer-1', rows: [['t1', 't2', 12.5]]};
MATCH (c:Customer {customer_id: $customer_id})
// The mark locks the customer, and it stays: of a load that died the last transaction may be committed at any time.
SET c:Unthreaded
WITH c
UNWIND $rows AS row
MATCH (a:Touchpoint {touchpoint_id: row[0]})
MATCH (b:Touchpoint {touchpoint_id: row[1]})
CREATE (a)-[:NEXT {seconds: row[2]}]->(b)
