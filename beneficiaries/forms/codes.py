"""A form whose lists are those in force on the day of the fact."""

from django import forms

from beneficiaries.queries import CodeLists


class CodeForm(forms.Form):
    def __init__(self, *args, lists: CodeLists, **options) -> None:
        super().__init__(*args, **options)
        self.lists = lists
        for field in self.fields.values():
            if name := getattr(field, "list_name", None):
                field.choices = lists.choices(name)
