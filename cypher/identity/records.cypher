// Which records of customers there are
// Answers: every customer and whoever was merged into one: who they are now; whether the visitor is anonymous; the e-mail
// address and telephone number that were the last ones to lead there.
// Parameters:
MATCH (r:Customer|MergedCustomer)-[:MERGED_INTO*0..]->(c:Customer)
WITH r, c,
     COLLECT {
       MATCH (i:Identifier)-[shown:IDENTIFIES]->(r)
       WHERE i.kind IN ['email', 'phone']
       RETURN [i.kind, i.value] AS pair ORDER BY shown.valid_from DESC, i.value
     } AS known
RETURN r.customer_id AS record, c.customer_id AS customer_id, r.anonymous AS anonymous,
       head([pair IN known WHERE pair[0] = 'email' | pair[1]]) AS email,
       head([pair IN known WHERE pair[0] = 'phone' | pair[1]]) AS phone
ORDER BY record
