// Whether anything is set aside or is to be
// Answers: one row.
// Parameters:
CALL () {
  MATCH (t:Touchpoint)
  WHERE t.traffic IS NOT NULL
  WITH t LIMIT 1
  RETURN count(t) AS marked
}
RETURN marked > 0 OR COUNT { (:SetAside) } > 0 AS anything
