-- Of deploy/compose.yaml: the role of the site, with the password that owner.env gives it.
\set ON_ERROR_STOP on
\getenv password APP_PASSWORD
SELECT 'CREATE ROLE zhgg_app LOGIN' WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'zhgg_app') \gexec
ALTER ROLE zhgg_app PASSWORD :'password';
