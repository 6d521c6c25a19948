// The segments with their sizes, and how their members convert
// Answers: for each segment its kind and definition, how many customers are in it, and of these (and of all others) how
// many had a journey whose outcome is known and how many converted.
// Parameters:
CALL () {
  MATCH (c:Customer)
  WHERE NOT c:Withheld  // whoever withdrew consent to analytics
  RETURN count(c) AS customers
}
CALL () {
  MATCH (c:Customer)-[:HAD]->(j:Journey)
  WHERE j.outcome <> 'open'
  WITH c, max(CASE j.outcome WHEN 'converted' THEN 1 ELSE 0 END) AS converted
  RETURN count(c) AS all_decided, coalesce(sum(converted), 0) AS all_converted
}
MATCH (s:Segment)
CALL (s) {
  MATCH (s)<-[m:IN_SEGMENT]-(c:Customer)
  WHERE m.until IS NULL AND NOT c:Withheld
  OPTIONAL MATCH (c)-[:HAD]->(j:Journey)
  WHERE j.outcome <> 'open'
  WITH c, max(CASE j.outcome WHEN 'converted' THEN 1 WHEN 'lost' THEN 0 END) AS converted
  RETURN count(c) AS size, count(converted) AS decided, coalesce(sum(converted), 0) AS converted
}
RETURN s.name AS name, s.kind AS kind, s.where AS where, size(s.customer_ids) AS listed, s.built_at AS built_at, size,
       customers, decided, converted, all_decided - decided AS others_decided,
       all_converted - converted AS others_converted
ORDER BY name
