// The end of the data
// Answers: the instant of the last touchpoint, set aside or not (microseconds since 1970, UTC), but for those of customers who withdrew
// consent to analytics; no row where there is none.
// Parameters:
CALL () {
  MATCH (t:Touchpoint)
  WHERE t.occurred_at_us IS NOT NULL AND NOT EXISTS { (t)<-[:MADE]-(:Withheld) }
  RETURN t.occurred_at_us AS last_us
  ORDER BY last_us DESC
  LIMIT 1
  UNION ALL
  MATCH (t:SetAside)
  WHERE t.occurred_at_us IS NOT NULL AND NOT EXISTS { (t)<-[:MADE]-(:Withheld) }
  RETURN t.occurred_at_us AS last_us
  ORDER BY last_us DESC
  LIMIT 1
}
WITH max(last_us) AS data_end_us
WHERE data_end_us IS NOT NULL
RETURN data_end_us
