// Remove products, categories, campaigns, households, accounts and orders that no touchpoint speaks of any more
// Answers: how many were removed of each, as in a graph into which those touchpoints never came. What a table describes stays.
// Parameters:
CALL () {
  MATCH (p:Product) WHERE p.described IS NULL AND NOT EXISTS { (p)<-[:ABOUT]-() }
  DETACH DELETE p
  RETURN count(*) AS products
}
CALL () {
  MATCH (k:Category) WHERE NOT EXISTS { (k)<-[:IN_CATEGORY]-() }
  DETACH DELETE k
  RETURN count(*) AS categories
}
CALL () {
  MATCH (k:Campaign) WHERE k.described IS NULL AND NOT EXISTS { (k)<-[:CAME_FROM]-() }
  DETACH DELETE k
  RETURN count(*) AS campaigns
}
CALL () {
  MATCH (g:Household|Account|Order) WHERE NOT EXISTS { (g)<-[:BELONGS_TO|LIVES_IN|LIVED_IN]-() }
  DETACH DELETE g
  RETURN count(*) AS groups
}
RETURN products, categories, campaigns, groups
