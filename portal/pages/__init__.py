"""What pages share: the signed-in person, partial answers, paging, fields of every form, refusals."""
