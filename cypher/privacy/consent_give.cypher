// Write down that a customer gave or withdrew consent to a purpose
// Answers: how many customers have that id: 1, or 0. The same word of the same time and source is written down once.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $purpose  text: analytics, personalisation or marketing
//   $status  text: granted or withdrawn
//   $at  instant: since when, e.g. datetime('2026-01-31T12:00:00Z')
//   $source  text: where it was said, e.g. 'web form'
//   $noted_at  instant: now, e.g. datetime('2026-01-31T12:00:00Z')
:params {customer_id: 'customer-1', purpose: 'marketing', status: 'withdrawn', at: datetime('2026-01-31T12:00:00Z'), source: 'web form', noted_at: datetime('2026-01-31T12:00:00Z')};
MATCH (c:Customer|MergedCustomer {customer_id: $customer_id})
MERGE (c)-[:GAVE]->(said:Consent {purpose: $purpose, status: $status, at: $at, source: $source})
ON CREATE SET said.noted_at = $noted_at
RETURN count(DISTINCT c) AS customers
