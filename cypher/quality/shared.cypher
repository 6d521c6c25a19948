// What is said in several ways
// Answers: products in several categories, of all products; products without a name (of both: that a touchpoint is about); identifiers that lead to several
// customers (shared ones), of all identifiers.
// Parameters:
CALL () {
  MATCH (p:Product)
  WHERE EXISTS { (p)<-[:ABOUT]-() }
  RETURN 'products in several categories' AS check, count(CASE WHEN COUNT { (p)-[:IN_CATEGORY]->() } > 1 THEN 1 END) AS found, count(*) AS of
  UNION ALL
  MATCH (p:Product)
  WHERE EXISTS { (p)<-[:ABOUT]-() }
  RETURN 'products without a name' AS check, count(CASE WHEN p.name IS NULL THEN 1 END) AS found, count(*) AS of
  UNION ALL
  MATCH (i:Identifier)
  RETURN 'identifiers that lead to several customers' AS check,
         count(CASE WHEN COUNT { (i)-[:IDENTIFIES]->() } > 1 THEN 1 END) AS found, count(*) AS of
}
RETURN check, found, of
