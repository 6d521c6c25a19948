// Correct what is held of a customer's touchpoint
// Answers: how many of the customer's touchpoints have that id: 1, or 0; their journeys are marked to be put together anew.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $touchpoint_id  text: the touchpoint, e.g. 't1'
//   $changes  map: properties and what they are, e.g. {value: 20.0}
:params {customer_id: 'customer-1', touchpoint_id: 't1', changes: {value: 20.0}};
MATCH (c:Customer {customer_id: $customer_id})-[:MADE]->(t:Touchpoint|SetAside)
WHERE t.touchpoint_id = $touchpoint_id
SET t += $changes, c:Unthreaded,
    t.corrected = [name IN coalesce(t.corrected, []) WHERE NOT name IN keys($changes)] + keys($changes)
RETURN count(t) AS corrected
