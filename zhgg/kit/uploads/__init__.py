"""Files that people upload: checked by what they are, stored outside the web root, served as attachments.

form field      `fields.UploadField(limits={PDF: 10 * MB, …})` cleans to a `checks.CheckedUpload`
model           a subclass of `models.StoredFile`
service         `with storage.stored(upload) as columns, transaction.atomic(): Model.objects.create(**columns, …)`
removal         `storage.remove_after_commit(name)` beside the `delete()` of the row
view            `serving.serve(row)`, after the row was loaded through `visible_to`
"""
