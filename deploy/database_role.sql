-- The role that the site and the worker use: everything but the audit trail may be written, the trail only added to.
-- Run as the owner of the tables (the role that runs `manage.py migrate`) after each migrate; the role itself is made
-- once by an administrator of the server: CREATE ROLE zhgg_app LOGIN. deploy/install.sh does both.
--   psql -1 -v ON_ERROR_STOP=1 -f deploy/database_role.sql DATABASE
GRANT USAGE ON SCHEMA public TO zhgg_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO zhgg_app;
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO zhgg_app;
SET LOCAL client_min_messages = error; -- of pg_trgm, everybody may use the functions anyway
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO zhgg_app;
REVOKE UPDATE, DELETE, TRUNCATE ON accounts_auditevent, accounts_auditseal FROM zhgg_app;
REVOKE UPDATE, DELETE, TRUNCATE ON accounts_privacyconfirmation FROM zhgg_app;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM zhgg_app;
