// Put an owner and a note on a finding
// Answers: nothing; the earlier owner and note stay, with their time, so that an answer as of then does not change. The
// note belongs to the finding's id and outlives the finding.
// Parameters:
//   $finding_id  text: id of the finding, e.g. 'drop_off-45f9c279dbbf'
//   $owner       text, or null: who follows it up, e.g. 'Ann'
//   $note        text, or null: what is being done, e.g. 'fixed with release 12'
:params {finding_id: 'drop_off-45f9c279dbbf', owner: 'Ann', note: 'fixed with release 12'};
CREATE (:FollowUp {finding_id: $finding_id, owner: $owner, note: $note, noted_at: datetime()})
