// What decides where a customer's journeys and sessions begin and end
// Answers: for each customer the instants (microseconds since 1970, UTC), steps, sources and the sources' own session ids
// of all touchpoints, in the customer's order; '' where the source gave no session id.
// Parameters:
//   $customer_ids  list of text: the customers, e.g. ['customer-1']
:params {customer_ids: ['customer-1']};
UNWIND $customer_ids AS customer_id
MATCH (:Customer {customer_id: customer_id})-[:MADE]->(t:Touchpoint)
WITH customer_id, t
ORDER BY t.occurred_at_us, t.touchpoint_id
WITH customer_id, t.occurred_at_us AS time, t.step AS step, t.source AS source,
     coalesce(t.source_session_id, '') AS session
RETURN customer_id, collect(time) AS times, collect(step) AS steps, collect(source) AS sources,
       collect(session) AS sessions
