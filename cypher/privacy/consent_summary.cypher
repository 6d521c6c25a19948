// How many customers withdrew consent to each purpose
// Answers: how many customers there are, and of how many the last word about analytics, personalisation and marketing is that they withdraw
// it. Whoever withdrew analytics is in no figure about journeys.
// Parameters:
CALL () {
  MATCH (c:Customer {anonymous: false})
  RETURN count(c) AS customers
}
CALL () {
  MATCH (c:Customer)<-[:MERGED_INTO*0..]-(:Customer|MergedCustomer)-[:GAVE]->(said:Consent)
  WITH c, said ORDER BY said.at DESC, said.status DESC
  WITH c, said.purpose AS purpose, head(collect(said.status)) AS status
  WHERE status = 'withdrawn'
  RETURN count(CASE purpose WHEN 'analytics' THEN 1 END) AS analytics,
         count(CASE purpose WHEN 'personalisation' THEN 1 END) AS personalisation,
         count(CASE purpose WHEN 'marketing' THEN 1 END) AS marketing
}
RETURN customers, analytics, personalisation, marketing
