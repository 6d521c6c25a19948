// Correct what is held of a customer
// Answers: how many customers have that id: 1, or 0. What was corrected is remembered, and no table that is loaded again changes it.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $changes  map: properties and what they are, e.g. {p_city: 'Bern'}
:params {customer_id: 'customer-1', changes: {p_city: 'Bern'}};
MATCH (c:Customer {customer_id: $customer_id})
SET c += $changes,
    c.corrected = [name IN coalesce(c.corrected, []) WHERE NOT name IN keys($changes)] + keys($changes)
RETURN count(c) AS corrected
