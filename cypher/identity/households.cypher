// Who lives together
// Answers: every household that was found, with who lives (or, where undone_at is given, lived) there as customers are merged
// now, why, how sure that is, and the run that found it.
// Parameters:
//   $household_id  text or null: the household, e.g. 'h-1'; null for all
:params {household_id: null};
MATCH (self:Customer|MergedCustomer)-[lives:LIVES_IN|LIVED_IN]->(h:Household)
WHERE $household_id IS NULL OR h.household_id = $household_id
MATCH (self)-[:MERGED_INTO*0..]->(c:Customer)
RETURN h.household_id AS household_id, c.customer_id AS customer_id, self.customer_id AS named,
       lives.confidence AS confidence, lives.evidence AS evidence, lives.run AS run, lives.found_at AS found_at,
       lives.undone_at AS undone_at
ORDER BY household_id, named, found_at
