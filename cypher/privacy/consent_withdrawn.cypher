// Who withdrew consent
// Answers: the customers whose last word about one of these purposes is that they withdraw it.
// Parameters:
//   $purposes  list of text: any of analytics, personalisation and marketing, e.g. ['personalisation']
//   $customer_ids  list of text or null: only these customers, e.g. null
:params {purposes: ['personalisation'], customer_ids: null};
MATCH (c:Customer)<-[:MERGED_INTO*0..]-(:Customer|MergedCustomer)-[:GAVE]->(said:Consent)
WHERE said.purpose IN $purposes AND ($customer_ids IS NULL OR c.customer_id IN $customer_ids)
WITH c.customer_id AS customer_id, said ORDER BY said.at DESC, said.status DESC
WITH customer_id, said.purpose AS purpose, head(collect(said.status)) AS status
WHERE status = 'withdrawn'
RETURN DISTINCT customer_id
ORDER BY customer_id
