// What is held about one person: the sessions
// Answers: every session with all its properties, by time.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (s:Session {customer_id: $customer_id})
RETURN properties(s) AS properties
ORDER BY s.started_at, s.session_id
