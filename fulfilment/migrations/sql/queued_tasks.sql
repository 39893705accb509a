-- Queued tasks are found again from the rows they are for, so a crash of the server may lose them.

ALTER TABLE fulfilment_queuedtask SET UNLOGGED;
