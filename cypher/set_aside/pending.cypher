// Customers of whom is to be decided anew which touchpoints are set aside
// Answers: some of the customers (whose journeys must be rebuilt), by id, and how many touchpoints each has, those set aside
// among them.
// Parameters:
//   $after  text: only customers after this one, e.g. ''
//   $limit  integer: how many customers at most, e.g. 2000
//   $everyone  boolean: whether all customers, not only those whose journeys must be rebuilt
:params {after: '', limit: 2000, everyone: false};
MATCH (c:Customer)
WHERE c.customer_id > $after AND ($everyone OR c:Unthreaded)
RETURN c.customer_id AS customer_id, COUNT { (c)-[:MADE]->() } AS touchpoints
ORDER BY customer_id
LIMIT $limit
