// The findings beside the steps that they concern
// Answers: the findings that `journeygraph gaps` kept, as a picture: each with its steps. Click one to read what it says.
// Parameters:
MATCH finding = (:Finding)-[:CONCERNS]->(:Step)
RETURN finding
